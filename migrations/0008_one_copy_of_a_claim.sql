ALTER TABLE "download_tickets" ADD COLUMN "holder_hash" "bytea";--> statement-breakpoint
ALTER TABLE "download_tickets" ADD COLUMN "copy" jsonb;