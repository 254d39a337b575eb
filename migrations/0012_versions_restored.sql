DROP INDEX "file_versions_object_key_unique";--> statement-breakpoint
ALTER TABLE "file_versions" ADD COLUMN "restored_from" integer;--> statement-breakpoint
-- One version brought an object, those restored from it come after it. Its first column serves whoever looks an object up.
CREATE UNIQUE INDEX "file_versions_object_key_unique" ON "file_versions" USING btree ("object_key",(case when "restored_from" is null then 0 else "number" end));--> statement-breakpoint
ALTER TABLE "file_versions" ADD CONSTRAINT "file_versions_restored_from_check" CHECK ("file_versions"."restored_from" < "file_versions"."number");