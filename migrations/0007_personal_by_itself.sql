ALTER TABLE "audit_personal" DROP CONSTRAINT "audit_personal_event_fk";
