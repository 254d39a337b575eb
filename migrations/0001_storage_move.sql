CREATE TABLE "storage_copies" (
	"move_id" uuid NOT NULL,
	"key" text NOT NULL,
	"verified_at" timestamp (3) with time zone,
	"listed_at" timestamp (3) with time zone,
	"problem" text,
	CONSTRAINT "storage_copies_pkey" PRIMARY KEY("move_id","key")
);
--> statement-breakpoint
CREATE TABLE "storage_moves" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"target" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "storage_moves_stores_check" CHECK ("storage_moves"."source" in ('local', 's3') and "storage_moves"."target" in ('local', 's3') and "storage_moves"."source" <> "storage_moves"."target")
);
--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "storage" text;--> statement-breakpoint
ALTER TABLE "storage_copies" ADD CONSTRAINT "storage_copies_move_id_storage_moves_id_fk" FOREIGN KEY ("move_id") REFERENCES "public"."storage_moves"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "storage_copies_problem_index" ON "storage_copies" USING btree ("move_id") WHERE "storage_copies"."problem" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "storage_moves_unfinished_unique" ON "storage_moves" USING btree (("finished_at" is null)) WHERE "storage_moves"."finished_at" is null;--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_storage_check" CHECK ("instance"."storage" in ('local', 's3'));--> statement-breakpoint
-- Until now there was no other driver.
UPDATE "instance" SET "storage" = 'local' WHERE EXISTS (SELECT FROM "objects");
