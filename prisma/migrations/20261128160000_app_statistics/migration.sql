-- expands: the planner knows that an app is one organization's
--
-- It takes the two for independent: of three hundred organizations with a hundred thousand rows each it expects not one row of one
-- app, so that each index which begins with the app looks as good as the one that ends with what is looked for.
CREATE STATISTICS "department_app" (dependencies) ON "organization_id", "app_id" FROM "department";
CREATE STATISTICS "member_app" (dependencies) ON "organization_id", "app_id" FROM "member";
CREATE STATISTICS "member_place_app" (dependencies) ON "organization_id", "app_id" FROM "member_place";
CREATE STATISTICS "department_past_app" (dependencies) ON "organization_id", "app_id" FROM "department_past";
CREATE STATISTICS "member_past_app" (dependencies) ON "organization_id", "app_id" FROM "member_past";
CREATE STATISTICS "place_past_app" (dependencies) ON "organization_id", "app_id" FROM "place_past";
CREATE STATISTICS "directory_change_app" (dependencies) ON "organization_id", "app_id" FROM "directory_change";
