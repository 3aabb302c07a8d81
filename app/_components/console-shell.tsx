import { headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { may } from "@/lib/auth/actor";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { isSignUpOpen } from "@/lib/auth/sign-up";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { listHeldRuns } from "@/lib/directory/queries";
import { pageActor, pageSignedIn } from "@/lib/http/page-actor";
import { listOrganizations } from "@/lib/organizations/queries";
import { ClientMessages } from "./client-messages";
import { ConsoleFrame } from "./console-frame";
import type { ConsolePerson, ConsolePlace } from "./console-place";

type Props = {
  /** The public id of the organization whose navigation is shown; none for whoever belongs to none. */
  readonly organization: string | undefined;
  /** What the organization tells of: in the header, and above each page. */
  readonly bell?: ReactNode;
  readonly banner?: ReactNode;
  readonly children: ReactNode;
};

async function readPerson(): Promise<ConsolePerson> {
  const who = await pageSignedIn();
  const [email, organizations, mayCreate] = await Promise.all([
    getOwnEmail(who),
    listOrganizations(who, await getLocale()),
    isSignUpOpen(),
  ]);
  return {
    email,
    organizations: organizations.map(({ publicId, name }) => ({ publicId, name })),
    mayCreate,
  };
}

async function readPlace(organization: string, name: string): Promise<ConsolePlace> {
  const actor = await pageActor(organization, "app.read");
  const t = await getTranslations("state.app");
  const held = await listHeldRuns(await pageActor(organization, "directory.read"));
  const apps = (await listApps(actor)).map(({ id, name: app, appKey, state }) => ({
    id,
    name: app,
    appKey,
    state,
    stateWord: t(state),
    isHeld: held.has(id),
  }));
  return {
    organization,
    name,
    apps,
    mayConnect: may(actor, "app.connect"),
    mayChange: may(actor, "app.change"),
    maySync: may(actor, "directory.sync"),
    mayManageKeys: may(actor, "key.manage"),
  };
}

const APPLE = /Mac|iPhone|iPad/;

/** The console's frame: navigation, search, switches, account, and the page in `main`. */
export async function ConsoleShell({ organization, bell, banner, children }: Props) {
  const person = await readPerson();
  const own = person.organizations.find(({ publicId }) => publicId === organization);
  const place = own && (await readPlace(own.publicId, own.name));
  const isApple = APPLE.test((await headers()).get("user-agent") ?? "");
  return (
    <ClientMessages namespaces={["nav", "notices", "palette", "auth"]}>
      <ConsoleFrame place={place} person={person} isApple={isApple} bell={bell} banner={banner}>
        {children}
      </ConsoleFrame>
    </ClientMessages>
  );
}
