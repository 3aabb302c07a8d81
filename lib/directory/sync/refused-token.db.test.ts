import { expect, test } from "vitest";
import {
  connectApp,
  makeOrganization,
  openDingtalk,
  readApp,
  syncNow,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";

test("an app that six refused tokens broke in one sync works again after the next successful sync", async () => {
  const dingtalk = await openDingtalk();
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  await sync();
  dingtalk.control.addFault({
    path: "topapi/v2/department/listsub",
    times: 6,
    fault: { kind: "errcode", errcode: 40014 },
  });
  expect(await sync()).toMatchObject({ state: "failed", error: { kind: "token_refused_again" } });
  expect(await readApp(app)).toMatchObject({ state: "broken" });

  dingtalk.control.clearFaults();
  expect(await sync()).toMatchObject({ state: "succeeded" });
  expect(await readApp(app)).toMatchObject({ state: "verified" });
  expect(await treeOf(app)).toEqual(truthOf(dingtalk));
});
