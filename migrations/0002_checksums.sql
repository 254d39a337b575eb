ALTER TABLE "file_versions" ADD COLUMN "crc32" bigint;--> statement-breakpoint
ALTER TABLE "upload_parts" ADD COLUMN "crc32" bigint;