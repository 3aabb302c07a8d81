import { expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { addApp, makeDirectory } from "@/lib/directory/tree/test-support/make-directory";
import { countContents } from "./count-contents";

test("countContents counts one app or all apps of an organization, without removed departments", async () => {
  const { organizationId, appId } = await makeDirectory([
    { id: 1 },
    { id: 2, parent: 1 },
    { id: 3, parent: 1, isRemoved: true },
  ]);
  await addApp(organizationId, [{ id: 1 }]);
  const foreign = await makeDirectory([{ id: 1 }]);
  const actor = grant({ organizationId, role: "viewer", userId: null }, "app.read");
  const quiet = { runs: 0, isSyncing: false };
  await expect(countContents(actor, appId)).resolves.toEqual({ apps: 1, departments: 2, ...quiet });
  await expect(countContents(actor)).resolves.toEqual({ apps: 2, departments: 3, ...quiet });
  await expect(countContents(actor, foreign.appId)).resolves.toEqual({ apps: 0, departments: 0, ...quiet });
});
