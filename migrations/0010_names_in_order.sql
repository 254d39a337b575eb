-- Numbers by their value, otherwise as Unicode's root collation has it (CLDR): the same for every language.
CREATE COLLATION IF NOT EXISTS natural_order (provider = icu, locale = 'und-u-kn-true');--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
DROP INDEX "items_listing_name_index";--> statement-breakpoint
DROP INDEX "items_search_index";--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "search_text" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "items" ALTER COLUMN "search_text" DROP DEFAULT;--> statement-breakpoint
CREATE INDEX "items_search_text_index" ON "items" USING gin ("search_text" gin_trgm_ops) WHERE "items"."trashed_at" is null;--> statement-breakpoint
CREATE INDEX "items_listing_name_index" ON "items" USING btree ("parent_id","kind","name" collate natural_order,"id") WHERE "items"."trashed_at" is null;--> statement-breakpoint
CREATE INDEX "items_search_index" ON "items" USING btree ("workspace_id","kind","name" collate natural_order,"id") WHERE "items"."trashed_at" is null;