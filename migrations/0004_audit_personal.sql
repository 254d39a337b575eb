-- A server of the version before waits here instead of adding to a chain that is being rewritten; heads first, as it locks them.
LOCK TABLE "audit_chains", "audit_events" IN ACCESS EXCLUSIVE MODE;--> statement-breakpoint
CREATE TABLE "audit_readers" (
	"reader" text NOT NULL,
	"chain_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"retry_at" timestamp (3) with time zone,
	CONSTRAINT "audit_readers_pkey" PRIMARY KEY("reader","chain_id")
);
--> statement-breakpoint
CREATE TABLE "audit_former_heads" (
	"chain_id" uuid PRIMARY KEY NOT NULL,
	"version" smallint NOT NULL,
	"seq" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"rewritten_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_personal" (
	"chain_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"actor_name" text,
	"actor_salt" "bytea",
	"ip" text,
	"user_agent" text,
	"origin_salt" "bytea",
	"subject_name" text,
	"subject_salt" "bytea",
	"details" jsonb,
	"details_salt" "bytea",
	CONSTRAINT "audit_personal_pkey" PRIMARY KEY("chain_id","seq")
);
--> statement-breakpoint
CREATE TABLE "unseen_activity" (
	"member_id" uuid PRIMARY KEY NOT NULL,
	"count" integer NOT NULL,
	"seen_seq" bigint NOT NULL
);
--> statement-breakpoint
-- Filled by the data step (features/audit/rewrite-chains.ts), which makes them NOT NULL and drops actor, subject and origin.
ALTER TABLE "audit_events" ADD COLUMN "actor_kind" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "subject_kind" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "via" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "commitments" "bytea";--> statement-breakpoint
ALTER TABLE "audit_former_heads" ADD CONSTRAINT "audit_former_heads_chain_id_audit_chains_id_fk" FOREIGN KEY ("chain_id") REFERENCES "public"."audit_chains"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_personal" ADD CONSTRAINT "audit_personal_event_fk" FOREIGN KEY ("chain_id","seq") REFERENCES "public"."audit_events"("chain_id","seq") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unseen_activity" ADD CONSTRAINT "unseen_activity_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE cascade ON UPDATE no action;
