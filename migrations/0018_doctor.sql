CREATE TABLE "examinations" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"begun_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"findings" jsonb NOT NULL,
	CONSTRAINT "examinations_singleton_check" CHECK ("examinations"."singleton")
);
