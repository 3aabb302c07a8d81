import {
  type Planted,
  type PlantedMember,
  plantApp,
  plantDepartments,
  plantMembers,
} from "@/lib/directory/tree/test-support/plant";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./database";

/** Names of every hostile kind. */
export const HOSTILE_NAMES = {
  han: "华".repeat(128),
  word: "Donaudampfschifffahrt".repeat(7).slice(0, 128),
  emoji: "🚀 火箭小组 👩‍👩‍👧‍👦",
  direction: "销售\u202Etxt.exe",
  formula: '=HYPERLINK("https://evil.example","点我")',
  markup: "<img src=x onerror=alert(1)>&amp;",
  spaces: "    前面有空格",
} as const;

/**
 * Inserts an app with a directory into an organization.
 *
 * @param organizationPath `/o/…`, as `plantPerson` returns it
 * @returns the path of the app
 */
export function plantDirectory(
  organizationPath: string,
  departments: readonly Planted[],
  lastSeenAt?: string | null,
): Promise<string> {
  const organizationId = parsePublicId(organizationPath.split("/")[2] ?? "");
  if (organizationId === null) throw new Error(`no organization in ${organizationPath}`);
  return withDatabase(async (client) => {
    const appId = await plantApp(client, organizationId, lastSeenAt);
    await plantDepartments(client, { organizationId, appId }, departments);
    return `${organizationPath}/apps/${appId}`;
  });
}

/** Inserts members into an app's directory. @param appPath as `plantDirectory` returns it */
export function plantPeople(appPath: string, members: readonly PlantedMember[]): Promise<void> {
  const [, , organization = "", , appId = ""] = appPath.split("/");
  const organizationId = parsePublicId(organization);
  if (organizationId === null) throw new Error(`no organization in ${appPath}`);
  return withDatabase((client) => plantMembers(client, { organizationId, appId }, members));
}

const AREAS = ["华东", "华北", "华南", "西南", "西北", "东北", "华中", "海外"];
const WORK = ["销售", "研发", "财务", "人力资源", "客户成功", "供应链", "法务", "市场", "质量", "行政"];
const UNITS = ["中心", "一部", "二部", "三部", "大区", "小组"];
const BELOW = [12, 10, 8, 5, 4];

const nameOf = (id: number) =>
  `${AREAS[id % 8]}${WORK[Math.floor(id / 8) % 10]}${UNITS[Math.floor(id / 3) % 6]} ${id}`;

/** Makes a company with many departments at the top and the hostile names five levels below the root. */
export function companyOf(count: number): Planted[] {
  const departments: Planted[] = [{ id: 1, name: "某某集团" }];
  let level = [1];
  for (let depth = 0; departments.length < count; depth++) {
    const next: number[] = [];
    for (const parent of level) {
      for (let child = 0; child < (BELOW[depth] ?? 3) && departments.length < count; child++) {
        const id = 90_000_000 + departments.length;
        departments.push({ id, parent, name: nameOf(id), order: BigInt(child) });
        next.push(id);
      }
    }
    level = next;
  }
  return departments;
}

/** Makes a chain of five levels below the root, with the hostile names as siblings at its end. */
export function hostileBranch(parent: number | bigint): Planted[] {
  const levels = ["一级 销售中心", "二级 华东大区", "三级 上海", "四级 浦东"].map((name, index) => ({
    id: 500 + index,
    parent: index === 0 ? parent : 499 + index,
    name,
    order: -1n,
  }));
  const names = Object.values(HOSTILE_NAMES).map((name, index) => ({ id: 600 + index, parent: 503, name }));
  return [...levels, ...names];
}
