CREATE TABLE "audit_mentions" (
	"chain_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "audit_mentions_pkey" PRIMARY KEY("chain_id","item_id","seq")
);
--> statement-breakpoint
ALTER TABLE "links" ADD COLUMN "search_text" text DEFAULT '' NOT NULL;--> statement-breakpoint
-- What the events so far mention, as those to come say it themselves: of links and archives what is told by name, of the rest the folder that something came into.
INSERT INTO "audit_mentions" ("chain_id", "item_id", "seq")
SELECT "event"."chain_id", ("item" ->> 'id')::uuid, "event"."seq"
FROM "audit_events" "event"
JOIN "audit_personal" "told" ON "told"."chain_id" = "event"."chain_id" AND "told"."seq" = "event"."seq"
CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof("told"."details" -> 'items') = 'array' THEN "told"."details" -> 'items' END) "item"
WHERE "event"."action" IN ('link.created', 'link.changed', 'link.downloaded', 'archive.downloaded')
UNION
SELECT "event"."chain_id", "named"."item_id", "event"."seq"
FROM "audit_events" "event" JOIN "link_items" "named" ON "named"."link_id" = "event"."subject_id"
WHERE "event"."action" = 'link.revoked'
UNION
SELECT "chain_id", ("details" ->> 'parentId')::uuid, "seq"
FROM "audit_events" WHERE "action" IN ('file.uploaded', 'file.version_added', 'folder.created') AND "details" ->> 'parentId' IS NOT NULL
UNION
SELECT "chain_id", ("details" ->> 'toId')::uuid, "seq"
FROM "audit_events" WHERE "action" IN ('item.moved', 'item.restored') AND "details" ->> 'toId' IS NOT NULL;
