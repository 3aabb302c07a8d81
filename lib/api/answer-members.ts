import "server-only";
import { type ApiKey, mayUseApp } from "@/lib/api-keys/api-key";
import { grantToKeyIfAllowed } from "@/lib/auth/actor";
import {
  getPerson,
  listPeople,
  listPeopleIn,
  type PeoplePage,
  streamPeople,
} from "@/lib/directory/members/list-people";
import { nextCursor } from "@/lib/pagination/cursor";
import type { CallOf } from "./call";
import {
  type getMemberContract,
  type listDepartmentMembersContract,
  type listMembersContract,
  type streamMembersContract,
  toMemberAnswer,
} from "./members";

const personalGrant = (key: ApiKey) => grantToKeyIfAllowed(key, "directory:personal");
const seenBy = (key: ApiKey) => (appId: string) => mayUseApp(key, appId);

const toPage = ({ people, rules, next }: PeoplePage, key: ApiKey) => ({
  members: people.map((person) => toMemberAnswer(person, { rules, maySee: seenBy(key) })),
  nextCursor: nextCursor(next),
});

export async function answerMembers({
  actor,
  key,
  params: { appId },
  query: { cursor, ...query },
}: CallOf<typeof listMembersContract>) {
  return toPage(
    await listPeople(actor, appId, { ...query, after: cursor, personal: personalGrant(key) }),
    key,
  );
}

export async function answerDepartmentMembers({
  actor,
  key,
  params: { appId, deptId },
  query: { cursor, ...query },
}: CallOf<typeof listDepartmentMembersContract>) {
  const of = { ...query, after: cursor, departmentId: deptId, personal: personalGrant(key) };
  return toPage(await listPeopleIn(actor, appId, of), key);
}

export async function answerMember({
  actor,
  key,
  params: { appId, userId },
}: CallOf<typeof getMemberContract>) {
  const { person, rules } = await getPerson(actor, appId, { userId, personal: personalGrant(key) });
  return toMemberAnswer(person, { rules, maySee: seenBy(key) });
}

export async function* memberLines({
  actor,
  key,
  params: { appId },
}: Pick<CallOf<typeof streamMembersContract>, "actor" | "key" | "params">): AsyncGenerator<
  readonly unknown[]
> {
  for await (const batch of streamPeople(actor, appId, personalGrant(key))) {
    yield "end" in batch ? [batch] : toPage(batch, key).members;
  }
}
