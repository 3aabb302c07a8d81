import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import type { BrowserContext, Page } from "@playwright/test";
import { encode } from "next-auth/jwt";
import { v7 as newId } from "uuid";
import { toPublicId } from "@/lib/public-id";
import { withDatabase } from "./database";
import type { Person } from "./fixtures";
import { ORIGIN } from "./origin";
import { e2eRun } from "./simulator";

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0";

const PLANT_PERSON = `
  WITH person AS (INSERT INTO users (id, email, password_hash, password_changed_at) VALUES ($1, $2, $3, now())),
    anchor AS (INSERT INTO organization_ids (id) VALUES ($4)),
    named AS (INSERT INTO organization (organization_id, name) VALUES ($4, $5))
  INSERT INTO memberships (organization_id, user_id, role, email, organization_name) VALUES ($4, $1, 'owner', $2, $5)`;

const PLANT_SESSION = `
  INSERT INTO sessions (id, user_id, expires_at, address, user_agent)
  SELECT $1, id, now() + interval '7 days', '203.0.113.1', $3 FROM users WHERE email = $2`;

const hashes = new Map<string, Promise<string>>();

/** Hashes each password once, because a hash is the slowest part. */
function hashOf(password: string): Promise<string> {
  const known = hashes.get(password) ?? hash(password);
  hashes.set(password, known);
  return known;
}

/** Signs a user in to a browser, like the form. */
export async function plantSession(context: BrowserContext, email: string): Promise<void> {
  const sid = randomUUID();
  await withDatabase((client) => client.query(PLANT_SESSION, [sid, email, USER_AGENT]));
  const value = await encode({ token: { sid }, secret: e2eRun().sessionSecret });
  await context.addCookies([
    { name: "dingkeep.session", value, url: ORIGIN, httpOnly: true, sameSite: "Lax" },
  ]);
}

/**
 * Makes a user who owns a new organization and is signed in to the page's browser, like signing up, but without its hashes
 * and requests.
 *
 * @returns the path of the organization
 */
export async function plantPerson(page: Page, { email, password, organization }: Person): Promise<string> {
  const [userId, organizationId] = [newId(), newId()];
  const values = [userId, email, await hashOf(password), organizationId, organization];
  await withDatabase((client) => client.query(PLANT_PERSON, values));
  await plantSession(page.context(), email);
  return `/o/${toPublicId(organizationId)}`;
}
