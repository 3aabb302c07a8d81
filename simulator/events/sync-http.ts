import { randomBytes } from "node:crypto";
import type { App } from "../control-input";
import { toExactJson } from "../exact-json";
import { toLegacyDepartment } from "../oapi/legacy-departments";
import { toLegacyUser } from "../oapi/user-fields";
import { findDepartment, findPerson } from "../organization/directory";
import type { Person } from "../organization/model";
import { settingsOf } from "../settings";
import type { Organization, World } from "../world";
import type { DingtalkEvent } from "./event";
import type { SyncRow } from "./sync-row";

const BIZ_TYPES = { ticket: 2, authorization: 4, appState: 7, member: 13, department: 14, organization: 16 };

/** Changes with a higher priority than those of a directory. */
const HIGH: ReadonlySet<number> = new Set([BIZ_TYPES.ticket, BIZ_TYPES.authorization, BIZ_TYPES.appState]);

/** Parts of a row that depend on the kind of change. */
type Change = {
  readonly bizType: number;
  readonly bizId: string;
  readonly action: string;
  readonly fields?: Readonly<Record<string, unknown>>;
};

/** Returns the rows of an event, with the state of its objects at this time; none for events without a `biz_type`. */
export function toSyncRows(world: World, app: App, event: DingtalkEvent): SyncRow[] {
  return changesOf(world, app, event).map(({ bizType, bizId, action, fields }) => {
    const id = world.events.nextSyncId();
    return {
      gmt_create: event.bornAt,
      gmt_modified: event.bornAt,
      biz_type: bizType,
      open_cursor: id,
      subscribe_id: `${app.appKey}_0`,
      id,
      biz_id: bizId,
      biz_data: toExactJson({ syncAction: action, syncSeq: randomBytes(16).toString("hex"), ...fields }),
      corp_id: event.corpId,
      status: 0,
    };
  });
}

/** Formats rows as the message of a push. All rows have one priority, because they are of one event. */
export const toSyncPayload = (rows: readonly SyncRow[]): Record<string, unknown> => ({
  EventType: rows.some(({ biz_type: type }) => HIGH.has(type))
    ? "SYNC_HTTP_PUSH_HIGH"
    : "SYNC_HTTP_PUSH_MEDIUM",
  bizData: rows,
});

/** Actions of authorizations, by the event of an HTTP push. */
const AUTHORIZATIONS: Readonly<Record<string, string>> = {
  tmp_auth_code: "org_suite_auth",
  change_auth: "org_suite_change",
  suite_relieve: "org_suite_relieve",
};

function changesOf(world: World, app: App, { eventType, corpId, data }: DingtalkEvent): Change[] {
  const organization = world.organizations.get(corpId);
  const authorization = AUTHORIZATIONS[eventType];
  if (authorization) {
    const fields = { auth_corp_info: { corpid: corpId, corp_name: organization?.name } };
    return [{ bizType: BIZ_TYPES.authorization, bizId: app.appKey, action: authorization, fields }];
  }
  if (eventType === "suite_ticket") {
    const fields = { suiteTicket: data.SuiteTicket };
    return [{ bizType: BIZ_TYPES.ticket, bizId: app.appKey, action: eventType, fields }];
  }
  if (eventType.startsWith("org_micro_app_")) {
    const fields = { agentId: data.AgentId, appId: data.AppId };
    return [{ bizType: BIZ_TYPES.appState, bizId: String(data.AppId), action: eventType, fields }];
  }
  return organization ? directoryChanges({ world, app, organization }, { eventType, data }) : [];
}

type Place = { readonly world: World; readonly app: App; readonly organization: Organization };

function directoryChanges(
  place: Place,
  { eventType, data }: Pick<DingtalkEvent, "eventType" | "data">,
): Change[] {
  if (eventType === "org_change" || eventType === "org_remove") {
    const action = eventType === "org_change" ? "org_update" : eventType;
    const { corpId, name } = place.organization;
    const fields = { corpid: corpId, corp_name: name };
    return [{ bizType: BIZ_TYPES.organization, bizId: corpId, action, fields }];
  }
  if (Array.isArray(data.deptId)) {
    return data.deptId.map((id) => departmentChange(place, eventType, Number(id)));
  }
  if (Array.isArray(data.userId)) {
    return data.userId.map((userid) => memberChange(place, eventType, String(userid)));
  }
  return [];
}

function departmentChange({ organization: { directory } }: Place, eventType: string, id: number): Change {
  const change = { bizType: BIZ_TYPES.department, bizId: String(id) };
  const department = findDepartment(directory, id);
  if (!department) return { ...change, action: "org_dept_remove" };
  const { deptPermits, userPermits, ...rest } = toLegacyDepartment(directory, department);
  // SyncHTTP misspells these names.
  const fields = { ...rest, deptPerimits: deptPermits, userPerimits: userPermits };
  return { ...change, action: eventType, fields };
}

/** SyncHTTP announces admins as changes of members. */
const MEMBER_ACTIONS: ReadonlySet<string> = new Set(["user_add_org", "user_active_org"]);

function memberChange({ world, app, organization }: Place, eventType: string, userid: string): Change {
  const change = { bizType: BIZ_TYPES.member, bizId: userid };
  const person = findPerson(organization.directory, userid);
  if (!person) return { ...change, action: "user_leave_org" };
  const settings = settingsOf(world, app);
  const fields = {
    errcode: 0,
    errmsg: "ok",
    ...toLegacyUser({ app, organization, settings }, person),
    isLeaderInDepts: unquotedMap(person, ({ isLeader }) => isLeader),
    orderInDepts: unquotedMap(person, ({ order }) => order),
  };
  return { ...change, action: MEMBER_ACTIONS.has(eventType) ? eventType : "user_modify_org", fields };
}

/** Formats values by department as `{1234567:false}`, whose keys have no quotes and which is therefore no JSON. */
const unquotedMap = (
  { memberships }: Person,
  valueOf: (membership: Person["memberships"][number]) => unknown,
): string => `{${memberships.map((each) => `${each.deptId}:${String(valueOf(each))}`).join(",")}}`;
