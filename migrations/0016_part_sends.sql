CREATE TABLE "upload_part_sends" (
	"upload_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"send_id" uuid NOT NULL,
	CONSTRAINT "upload_part_sends_pkey" PRIMARY KEY("upload_id","n")
);
--> statement-breakpoint
ALTER TABLE "upload_part_sends" ADD CONSTRAINT "upload_part_sends_upload_id_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "public"."uploads"("id") ON DELETE cascade ON UPDATE no action;