CREATE TABLE "reply_inboxes" (
	"mailbox" text PRIMARY KEY NOT NULL,
	"validity" text NOT NULL,
	"uid" integer NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL
);
