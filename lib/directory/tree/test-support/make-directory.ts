import { randomUUID } from "node:crypto";
import pg from "pg";
import { grant } from "@/lib/auth/actor";
import { type Planted, plantApp, plantDepartments } from "./plant";

/** Runs statements as the superuser, who bypasses row-level security. */
export async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Creates an organization with an app, these departments, and a viewer. */
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

/** Adds an app with these departments to the organization. */
export function addApp(organizationId: string, departments: readonly Planted[]): Promise<string> {
  return asAdmin(async (client) => {
    const appId = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId }, departments);
    return appId;
  });
}
