DROP INDEX "password_resets_user_id_unique";--> statement-breakpoint
CREATE INDEX "password_resets_user_id_index" ON "password_resets" USING btree ("user_id");