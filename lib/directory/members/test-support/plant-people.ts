import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { PersonalValues } from "@/lib/dingtalk/members";
import { indexNames } from "../../search/index-names";
import { FIRST_SEEN } from "../../tree/test-support/plant";

/** A member in a test, with defaults for absent fields. */
export type PlantedPerson = {
  readonly id: string;
  readonly name?: string;
  readonly unionId?: string;
  readonly title?: string;
  readonly jobNumber?: string;
  readonly isActive?: boolean;
  /** The member's departments. */
  readonly places?: readonly { readonly id: number; readonly title?: string; readonly isLeader?: boolean }[];
  readonly personal?: PersonalValues;
  readonly removedAt?: Date;
  readonly changedAt?: Date;
};

type Ref = { readonly organizationId: string; readonly appId: string };
/**
 * Seals personal values like the product. The end-to-end tests have none of its keys, so they insert no personal values.
 */
type Seal = (organizationId: string, id: string, values: PersonalValues) => Uint8Array;

const noSeal: Seal = () => {
  throw new Error("personal values need a `seal` function");
};

/** Inserts members as a sync would. @param client the superuser's */
export async function plantPeople(
  client: pg.ClientBase,
  { organizationId, appId }: Ref,
  { members, seal = noSeal }: { readonly members: readonly PlantedPerson[]; readonly seal?: Seal },
): Promise<void> {
  for (const member of members) {
    const { id, name, unionId, title, jobNumber, isActive, personal, removedAt, changedAt, places } = member;
    const personalId = personal ? randomUUID() : null;
    if (personal && personalId) {
      await client.query(
        `INSERT INTO member_personal (organization_id, id, app_id, user_id, sealed_values) VALUES ($1, $2, $3, $4, $5)`,
        [organizationId, personalId, appId, id, Buffer.from(seal(organizationId, personalId, personal))],
      );
    }
    await client.query(
      `INSERT INTO member (organization_id, app_id, user_id, union_id, name, title, job_number, is_active, other_fields,
         personal_id, since_revision, first_seen_at, changed_at, removed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, 1, $10, $11, $12)`,
      [
        organizationId,
        appId,
        id,
        unionId ?? null,
        name ?? `员工 ${id}`,
        title ?? null,
        jobNumber ?? null,
        isActive ?? true,
        personalId,
        FIRST_SEEN,
        changedAt ?? FIRST_SEEN,
        removedAt ?? null,
      ],
    );
    for (const place of removedAt ? [] : (places ?? [])) {
      await client.query(
        `INSERT INTO member_place (organization_id, app_id, department_id, user_id, title, is_leader, since_revision)
         VALUES ($1, $2, $3, $4, $5, $6, 1)`,
        [organizationId, appId, place.id, id, place.title ?? null, place.isLeader ?? false],
      );
    }
  }
  const names = members.map(({ id, name }) => ({ kind: "member", id, name: name ?? `员工 ${id}` }) as const);
  await indexNames(client, { organizationId, appId }, names);
}
