ALTER TABLE "instance" ADD COLUMN "session_idle_minutes" integer DEFAULT 43200 NOT NULL;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "session_total_minutes" integer;--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_session_idle_minutes_check" CHECK ("instance"."session_idle_minutes" > 0);--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_session_total_minutes_check" CHECK ("instance"."session_total_minutes" > 0);