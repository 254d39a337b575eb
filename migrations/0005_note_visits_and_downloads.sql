CREATE TABLE "noted_downloads" (
	"version_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"noted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "noted_downloads_pkey" PRIMARY KEY("version_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "link_visits" (
	"link_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"what" text NOT NULL,
	"noted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "link_visits_pkey" PRIMARY KEY("link_id","kind","source","what"),
	CONSTRAINT "link_visits_kind_check" CHECK ("link_visits"."kind" in ('opened', 'refused'))
);
--> statement-breakpoint
ALTER TABLE "noted_downloads" ADD CONSTRAINT "noted_downloads_version_id_file_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."file_versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "noted_downloads" ADD CONSTRAINT "noted_downloads_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "link_visits" ADD CONSTRAINT "link_visits_link_id_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."links"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "noted_downloads_noted_at_index" ON "noted_downloads" USING btree ("noted_at");--> statement-breakpoint
CREATE INDEX "link_visits_noted_at_index" ON "link_visits" USING btree ("noted_at");