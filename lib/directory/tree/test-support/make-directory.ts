import { randomUUID } from "node:crypto";
import pg from "pg";
import { grant } from "@/lib/auth/actor";
import { type Planted, plantApp, plantDepartments } from "./plant";

/** Runs statements past every policy, as the superuser. */
export async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** An organization with an app and these departments, and a viewer of it. */
export function makeDirectory(departments: readonly Planted[]) {
  return asAdmin(async (client) => {
    const organizationId = randomUUID();
    await client.query("INSERT INTO organization_ids (id) VALUES ($1)", [organizationId]);
    await client.query("INSERT INTO organization (organization_id, name) VALUES ($1, '组织')", [
      organizationId,
    ]);
    const appId = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId }, departments);
    const actor = grant({ organizationId, role: "viewer", userId: null }, "directory.read");
    return { organizationId, appId, actor };
  });
}

/** A further app of the same organization, with these departments. */
export function addApp(organizationId: string, departments: readonly Planted[]): Promise<string> {
  return asAdmin(async (client) => {
    const appId = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId }, departments);
    return appId;
  });
}
