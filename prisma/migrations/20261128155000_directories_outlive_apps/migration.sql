-- expands: what is kept of a directory hangs from its organization, and no longer from its app, so that the app can go at once and its rows in their time
-- Nothing is to be validated: the app that each row hung from hangs from the organization itself. Row security, which is forced
-- for the owner too, lets the check see no row, so it takes no time.
ALTER TABLE "department" DROP CONSTRAINT "department_organization_id_app_id_fkey";
ALTER TABLE "directory" DROP CONSTRAINT "directory_organization_id_app_id_fkey";
ALTER TABLE "change_set" DROP CONSTRAINT "change_set_organization_id_app_id_fkey";
ALTER TABLE "member" DROP CONSTRAINT "member_organization_id_app_id_fkey";
ALTER TABLE "member_place" DROP CONSTRAINT "member_place_organization_id_app_id_fkey";
ALTER TABLE "member_personal" DROP CONSTRAINT "member_personal_organization_id_app_id_fkey";
ALTER TABLE "department_count" DROP CONSTRAINT "department_count_organization_id_app_id_fkey";
ALTER TABLE "department_past" DROP CONSTRAINT "department_past_organization_id_app_id_fkey";
ALTER TABLE "member_past" DROP CONSTRAINT "member_past_organization_id_app_id_fkey";
ALTER TABLE "place_past" DROP CONSTRAINT "place_past_organization_id_app_id_fkey";
ALTER TABLE "walk_list" DROP CONSTRAINT "walk_list_organization_id_app_id_fkey";
ALTER TABLE "walk_detail" DROP CONSTRAINT "walk_detail_organization_id_app_id_fkey";
ALTER TABLE "walk_pages" DROP CONSTRAINT "walk_pages_organization_id_app_id_fkey";
ALTER TABLE "walk_member" DROP CONSTRAINT "walk_member_organization_id_app_id_fkey";
ALTER TABLE "search_name" DROP CONSTRAINT "search_name_organization_id_app_id_fkey";
ALTER TABLE "department" ADD CONSTRAINT "department_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "directory" ADD CONSTRAINT "directory_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "change_set" ADD CONSTRAINT "change_set_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member" ADD CONSTRAINT "member_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member_place" ADD CONSTRAINT "member_place_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member_personal" ADD CONSTRAINT "member_personal_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "department_count" ADD CONSTRAINT "department_count_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "department_past" ADD CONSTRAINT "department_past_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member_past" ADD CONSTRAINT "member_past_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "place_past" ADD CONSTRAINT "place_past_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "walk_list" ADD CONSTRAINT "walk_list_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "walk_detail" ADD CONSTRAINT "walk_detail_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "walk_pages" ADD CONSTRAINT "walk_pages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "walk_member" ADD CONSTRAINT "walk_member_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "search_name" ADD CONSTRAINT "search_name_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;
