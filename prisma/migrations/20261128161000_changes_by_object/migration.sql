-- expands: another index, by which the changes of one object are found
--
-- Under row security an enumeration can't be compared within an index, so what stood behind `object` in this one was of no use.
DROP INDEX "directory_change_organization_id_app_id_object_object_id_se_idx";
CREATE INDEX "directory_change_organization_id_app_id_object_id_set_id_idx" ON "directory_change"("organization_id", "app_id", "object_id", "set_id");
