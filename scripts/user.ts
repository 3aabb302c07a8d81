import { email as emailSchema } from "@/lib/auth/schema";
import { closeDatabase } from "@/lib/db/connection-pools";
import { env } from "@/lib/env";
import { createOwner, disableUser, resetLink } from "@/lib/organizations/operator";
import { organizationName } from "@/lib/organizations/schema";
import { chooseDatabase } from "@/server/choose-database";
import { DATA_FOLDER, localSecrets, setDefaults } from "@/server/local-settings";
import { readyDatabase } from "@/server/ready-database";
import { readRunning } from "@/server/single-instance";
import { runOnce } from "./run-once";

const USAGE = `npm run user -- create EMAIL ORGANIZATION   creates an owner with a new organization
npm run user -- reset-link EMAIL            prints a one-time link to set a new password
npm run user -- disable EMAIL               blocks sign-in and ends all sessions`;

const link = (value: string) => `${env().NEXTAUTH_URL}/set-password?link=${encodeURIComponent(value)}`;

/** A refusal with a sentence for the operator. */
class Refusal extends Error {}

const refuse = (sentence: string): never => {
  throw new Refusal(sentence);
};

async function carryOut([verb, email = "", organization = ""]: string[]): Promise<string> {
  if (verb !== "create" && verb !== "reset-link" && verb !== "disable") return refuse(USAGE);
  const address = emailSchema.safeParse(email);
  if (!address.success) return refuse(`${email || "(nothing)"} is not an email address.\n${USAGE}`);
  if (verb === "create") return create(address.data, organization);
  if (verb === "reset-link") {
    const made = await resetLink(address.data);
    if (made.ok) return `This link works once, for one hour:\n${link(made.value)}`;
    return made.error === "disabled"
      ? refuse("That user is disabled, so a link would be useless. No link was created.")
      : refuse("No user has that email.");
  }
  const disabled = await disableUser(address.data);
  return disabled.ok ? "User disabled. All sessions have ended." : refuse("No user has that email.");
}

async function create(email: string, organization: string): Promise<string> {
  const name = organizationName.safeParse(organization);
  if (!name.success) return refuse(`The organization's name is missing or too long.\n${USAGE}`);
  const made = await createOwner(email, name.data);
  return made.ok
    ? `This link works once, for one hour:\n${link(made.value)}`
    : refuse("A user with that email exists already. Use reset-link.");
}

/** `npm run user`: manages users from the command line. */
async function main(): Promise<void> {
  setDefaults({ PORT: "3000" });
  if (!process.env.DATABASE_URL) {
    // A running server may use another port, because its own was in use.
    const address = readRunning(DATA_FOLDER)?.address ?? `http://localhost:${process.env.PORT}`;
    setDefaults({ ...localSecrets(), NEXTAUTH_URL: address });
  }
  const embedded = await chooseDatabase();
  env();
  await readyDatabase();
  try {
    console.log(await carryOut(process.argv.slice(2)));
  } finally {
    await closeDatabase();
    // A running server still needs its embedded database.
    if (embedded && !embedded.adopted) await embedded.stop();
  }
}

runOnce(main);
