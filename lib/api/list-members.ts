import "server-only";
import { type ApiKey, mayTouch } from "@/lib/api-keys/api-key";
import { grantToKeyIfMay } from "@/lib/auth/actor";
import {
  getPerson,
  listPeople,
  listPeopleIn,
  type PeoplePage,
  streamPeople,
} from "@/lib/directory/members/list-people";
import type { CallOf } from "./call";
import {
  type getMemberContract,
  type listDepartmentMembersContract,
  type listMembersContract,
  type streamMembersContract,
  toMemberAnswer,
} from "./members";

/** What the key may be told beside what its route needs. */
const personalOf = (key: ApiKey) => grantToKeyIfMay(key, "directory:personal");
const seenBy = (key: ApiKey) => (appId: string) => mayTouch(key, appId);

const toPage = ({ people, rules, nextCursor }: PeoplePage, key: ApiKey) => ({
  members: people.map((person) => toMemberAnswer(person, { rules, maySee: seenBy(key) })),
  nextCursor,
});

/** `GET …/members`. */
export async function answerMembers({
  actor,
  key,
  params: { appId },
  query,
}: CallOf<typeof listMembersContract>) {
  return toPage(await listPeople(actor, appId, { ...query, personal: personalOf(key) }), key);
}

/** `GET …/departments/{deptId}/members`. */
export async function answerDepartmentMembers({
  actor,
  key,
  params: { appId, deptId },
  query,
}: CallOf<typeof listDepartmentMembersContract>) {
  const of = { ...query, departmentId: deptId, personal: personalOf(key) };
  return toPage(await listPeopleIn(actor, appId, of), key);
}

/** `GET …/members/{userId}`. */
export async function answerMember({
  actor,
  key,
  params: { appId, userId },
}: CallOf<typeof getMemberContract>) {
  const { person, rules } = await getPerson(actor, appId, { userId, personal: personalOf(key) });
  return toMemberAnswer(person, { rules, maySee: seenBy(key) });
}

/** `GET …/members.ndjson`, in batches of lines. */
export async function* memberLines({
  actor,
  key,
  params: { appId },
}: Pick<CallOf<typeof streamMembersContract>, "actor" | "key" | "params">): AsyncGenerator<
  readonly unknown[]
> {
  for await (const batch of streamPeople(actor, appId, personalOf(key))) {
    yield "end" in batch ? [batch] : toPage(batch, key).members;
  }
}
