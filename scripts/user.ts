import { existsSync } from "node:fs";
import { createOwner, disableUser, resetLink } from "@/lib/auth/operator";
import { email as emailSchema, organizationName } from "@/lib/auth/schema";
import { closeDatabase } from "@/lib/db/clients";
import { env } from "@/lib/env";
import { localSecrets, setDefaults } from "./local-settings";
import { chooseDatabase, readyDatabase } from "./open-database";

const USAGE = `npm run user -- create EMAIL ORGANIZATION   a new owner with a new organization
npm run user -- reset-link EMAIL            a one-time link to set a new password
npm run user -- disable EMAIL               ends all sessions, and no more signing in`;

const link = (value: string) => `${env().NEXTAUTH_URL}/set-password?link=${encodeURIComponent(value)}`;

async function carryOut([verb, email = "", organization = ""]: string[]): Promise<string> {
  const address = emailSchema.safeParse(email);
  if (!address.success) return `${email || "(nothing)"} is not an email address.\n${USAGE}`;
  if (verb === "create") {
    const name = organizationName.safeParse(organization);
    if (!name.success) return `The organization's name is missing or too long.\n${USAGE}`;
    const made = await createOwner(address.data, name.data);
    return made.ok
      ? `Works once, for an hour:\n${link(made.value)}`
      : "Somebody has that email already; use reset-link.";
  }
  if (verb === "reset-link") {
    const made = await resetLink(address.data);
    return made.ok ? `Works once, for an hour:\n${link(made.value)}` : "Nobody has that email.";
  }
  if (verb === "disable") {
    const disabled = await disableUser(address.data);
    return disabled.ok ? "Disabled; all sessions are over." : "Nobody has that email.";
  }
  return USAGE;
}

/** `npm run user`: the operator's commands about people. */
async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  setDefaults({ PORT: "3000" });
  if (!process.env.DATABASE_URL) {
    setDefaults({ ...localSecrets(), NEXTAUTH_URL: `http://localhost:${process.env.PORT}` });
  }
  const embedded = await chooseDatabase();
  await readyDatabase();
  console.log(await carryOut(process.argv.slice(2)));
  await closeDatabase();
  // A server that runs on the same embedded database goes on.
  if (embedded && !embedded.adopted) await embedded.stop();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
