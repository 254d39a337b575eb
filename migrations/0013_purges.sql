CREATE TABLE "purge_items" (
	"purge_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"item_id" uuid NOT NULL,
	"root_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "purge_items_pkey" PRIMARY KEY("purge_id","n")
);
--> statement-breakpoint
CREATE TABLE "purges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"asked_by" uuid NOT NULL,
	"caller" jsonb,
	"state" text NOT NULL,
	"total" integer,
	"listed" integer DEFAULT 0 NOT NULL,
	"deleted" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "purges_state_check" CHECK ("purges"."state" in ('open', 'done', 'cancelled'))
);
--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "purge_id" uuid;--> statement-breakpoint
ALTER TABLE "purge_items" ADD CONSTRAINT "purge_items_purge_id_purges_id_fk" FOREIGN KEY ("purge_id") REFERENCES "public"."purges"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purges" ADD CONSTRAINT "purges_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purges" ADD CONSTRAINT "purges_asked_by_users_id_fk" FOREIGN KEY ("asked_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "purges_workspace_id_index" ON "purges" USING btree ("workspace_id","asked_by");--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_purge_id_purges_id_fk" FOREIGN KEY ("purge_id") REFERENCES "public"."purges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "items_purge_id_index" ON "items" USING btree ("purge_id") WHERE "items"."purge_id" is not null;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_purge_id_check" CHECK ("items"."purge_id" is null or "items"."trashed_at" is not null);