CREATE TABLE "object_blocks" (
	"object_key" text PRIMARY KEY NOT NULL,
	"sums" "bytea" NOT NULL
);
--> statement-breakpoint
-- Sums do not compress, and a slice of what is stored so is read without the rest.
ALTER TABLE "object_blocks" ALTER COLUMN "sums" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "objects" ADD COLUMN "checked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "upload_parts" ADD COLUMN "blocks" "bytea";--> statement-breakpoint
ALTER TABLE "object_blocks" ADD CONSTRAINT "object_blocks_object_key_objects_key_fk" FOREIGN KEY ("object_key") REFERENCES "public"."objects"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "objects_checked_at_index" ON "objects" USING btree (coalesce("checked_at", "created_at")) WHERE "objects"."state" = 'committed';