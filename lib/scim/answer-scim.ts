import "server-only";
import type { ApiKey } from "@/lib/api-keys/api-key";
import { findApp } from "@/lib/api-keys/find-app";
import { type Actor, grantToKey, grantToKeyIfAllowed } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { notFound } from "@/lib/errors";
import { configAt, resourceTypesAt, schemasAt } from "./discovery";
import { type Paging, pagingOf } from "./paging";
import { getGroup, listGroups } from "./read-groups";
import { getUser, type ListOf, listUsers, type Reader } from "./read-users";
import { isWanted, type Projection, project, type Resource, toProjection } from "./requested-attributes";
import { ScimRefusal } from "./scim-refusal";
import type { Base } from "./to-user";
import { URN } from "./urns";

const ENDPOINTS: ReadonlySet<string> = new Set([
  "Users",
  "Groups",
  "Schemas",
  "ResourceTypes",
  "ServiceProviderConfig",
]);

type ScimRequest = {
  readonly key: ApiKey;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
};

/**
 * Returns the app in the URL, `/scim/v2/{appId}/Users`, by id or AppKey, or the only app that the key may read.
 * @throws {ScimRefusal} `invalidPath` when the key may read several apps or none; {AppError} `not_found`
 */
async function baseOf(
  actor: Actor<"directory.read">,
  { key, path }: ScimRequest,
): Promise<{ base: Base; rest: readonly string[] }> {
  const [first = "", ...others] = path;
  const root = `${new URL(env().NEXTAUTH_URL).origin}/scim/v2`;
  if (first !== "" && !ENDPOINTS.has(first)) {
    const appId = await findApp(key, first, "appId");
    return { base: { appId, url: `${root}/${appId}` }, rest: others };
  }
  const apps = key.appIds ? [...key.appIds] : await someApps(actor);
  const [only] = apps;
  if (only === undefined || apps.length > 1) {
    throw new ScimRefusal("invalidPath", "the key can read several apps or none; use /scim/v2/{appId}");
  }
  return { base: { appId: only, url: root }, rest: path };
}

/** Returns up to two of the organization's apps, enough to tell whether there is exactly one. */
async function someApps({ organizationId }: Actor<"directory.read">): Promise<string[]> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<{ id: string }>("SELECT id FROM dingtalk_app WHERE organization_id = $1 LIMIT 2", [
      organizationId,
    ]),
  );
  return rows.map(({ id }) => id);
}

const listOf = (resources: readonly Resource[], total: number, startIndex = 1): Resource => ({
  schemas: [URN.list],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

const pageOf = ({ resources, total }: ListOf, { startIndex }: Paging, projection: Projection): Resource =>
  listOf(
    resources.map((one) => project(one, projection)),
    total,
    startIndex,
  );

function oneOf(resources: readonly Resource[], id: string): Resource {
  const found = resources.find((one) => one.id === id);
  if (!found) throw notFound("resource");
  return found;
}

const among = (resources: Resource[], id: string | undefined): Resource =>
  id === undefined ? listOf(resources, resources.length) : oneOf(resources, id);

type Resolved = { readonly reader: Reader; readonly base: Base; readonly query: URLSearchParams };

async function answerResources(
  type: "Users" | "Groups",
  id: string | undefined,
  { reader, base, query }: Resolved,
): Promise<Resource> {
  const projection = toProjection(query.get("attributes"), query.get("excludedAttributes"));
  const hasMembers = isWanted(projection, "members");
  if (id !== undefined) {
    const one =
      type === "Users" ? getUser(reader, base, id) : getGroup(reader.actor, base, { id, hasMembers });
    return project(await one, projection);
  }
  const paging = pagingOf(query);
  const listed =
    type === "Users"
      ? listUsers(reader, base, paging)
      : listGroups(reader.actor, base, { ...paging, hasMembers });
  return pageOf(await listed, paging, projection);
}

/**
 * Answers a SCIM read request.
 *
 * @throws {ScimRefusal} for a request that SCIM answers with 400
 * @throws {AppError} `not_found`; `forbidden` for a key without `directory:read`
 * @see https://www.rfc-editor.org/rfc/rfc7644#section-3.4
 */
export async function answerScim(request: ScimRequest): Promise<Resource> {
  const { key, query } = request;
  const reader = {
    actor: grantToKey(key, "directory:read"),
    personal: grantToKeyIfAllowed(key, "directory:personal"),
  };
  const { base, rest } = await baseOf(reader.actor, request);
  const [type, id, ...more] = rest;
  if (more.length > 0) throw notFound("resource");
  if (type === "Users" || type === "Groups") return answerResources(type, id, { reader, base, query });
  if (type === "Schemas") return among(schemasAt(base.url), id);
  if (type === "ResourceTypes") return among(resourceTypesAt(base.url), id);
  if (type === "ServiceProviderConfig" && id === undefined) return configAt(base.url);
  throw notFound("resource");
}
