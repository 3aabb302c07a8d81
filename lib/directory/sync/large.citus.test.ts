import { expect, test } from "vitest";
import type { MemberPage } from "@/lib/dingtalk/members";
import {
  asAdmin,
  connectApp,
  makeOrganization,
  readDepartments,
  rowVersions,
  syncNow,
} from "@/lib/testing/directory-sync";
import { toolsFor } from "@/lib/testing/sync-tools";
import { department, fakeDirectory, fakeMember } from "./read/test-support/fake-directory";

const DEPARTMENTS = 20_000;
const BELOW = 10;

/** A tree with ten departments below each department and one member in each. */
function makeCompany() {
  const parentOf = (id: number) => (id === 1 ? null : String(Math.ceil((id - 1) / BELOW)));
  const ids = Array.from({ length: DEPARTMENTS }, (_, index) => index + 1);
  const fake = fakeDirectory(Object.fromEntries(ids.map((id) => [id, parentOf(id)])));
  for (const id of ids) fake.people.set(`member-${id}`, [String(id)]);
  const childrenOf = (id: string) =>
    Array.from({ length: BELOW }, (_, index) => String(BELOW * (Number(id) - 1) + 2 + index)).filter((each) =>
      fake.parents.has(each),
    );
  const listMembers = async (id: string): Promise<MemberPage> => {
    const member = { ...fakeMember(`member-${id}`, [id]), isLeader: false, order: null };
    return { members: fake.people.has(member.userId) ? [member] : [], nextCursor: null };
  };
  const remove = (id: string): number => {
    const below = childrenOf(id);
    fake.parents.delete(id);
    fake.people.delete(`member-${id}`);
    return below.reduce((sum, each) => sum + remove(each), 1);
  };
  const calls = {
    ...fake.calls,
    concurrencyOf: () => 40,
    // The fake's own lists scan all departments and members for each answer
    listSub: async (id: string) => childrenOf(id).map((each) => department(each, id)),
    listMembers,
  };
  return { remove, tools: { ...toolsFor({ url: "" }), callsOf: async () => calls } };
}

const countMembers = async (appId: string) =>
  (await asAdmin<{ n: number }>("SELECT count(*)::int AS n FROM member WHERE app_id = $1", [appId]))[0]?.n;

// Three reads of 20,000 departments take a minute on a busy machine
test("syncs 20,000 departments, writes nothing without a change, and holds a run that removes 1,111 of them", async () => {
  const { remove, tools } = makeCompany();
  const organization = await makeOrganization();
  const app = await connectApp(organization);

  expect(await syncNow(organization, app, tools)).toMatchObject({ state: "succeeded", added: 20_000 });
  expect((await readDepartments(app)).size).toBe(20_000);
  expect(await countMembers(app.appId)).toBe(20_000);

  const versions = await rowVersions(app);
  expect(await syncNow(organization, app, tools)).toMatchObject({
    state: "succeeded",
    unchanged: 20_000,
    membersUnchanged: 20_000,
  });
  expect(await rowVersions(app)).toBe(versions);

  expect(remove("3")).toBe(1_111);
  expect(await syncNow(organization, app, tools)).toMatchObject({
    state: "held",
    removed: 1_111,
    heldFor: [
      { kind: "departments_above", removals: 1_111, of: 20_000 },
      { kind: "members_above", removals: 1_111, of: 20_000 },
    ],
  });
  expect(await rowVersions(app)).toBe(versions);
}, 300_000);
