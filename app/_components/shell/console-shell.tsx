import { headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { may } from "@/lib/auth/actor";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { listHeldRuns } from "@/lib/directory/runs/held-runs";
import { pageActor, pageSignedIn } from "@/lib/http/authorize-page";
import { listOrganizations } from "@/lib/organizations/queries";
import { isSignUpOpen } from "@/lib/organizations/sign-up-policy";
import { ClientMessages } from "../page/client-messages";
import { ConsoleFrame } from "./console-frame";
import type { ConsoleOrganization, ConsoleUser } from "./frame-types";
import { lastVisitedOrganization } from "./last-visited-organization";

export type Frame = { readonly user: ConsoleUser; readonly organization: ConsoleOrganization | undefined };

type Props = {
  readonly frame: Frame;
  /** Notices: the bell in the header, and the banner above the page. */
  readonly bell?: ReactNode;
  readonly banner?: ReactNode;
  readonly children: ReactNode;
};

async function readUser(): Promise<ConsoleUser> {
  const who = await pageSignedIn();
  const locale = await getLocale();
  const [email, organizations, mayCreate] = await Promise.all([
    getOwnEmail(who),
    listOrganizations(who, locale),
    isSignUpOpen(who),
  ]);
  return {
    email,
    organizations: organizations.map(({ publicId, name }) => ({ publicId, name })),
    mayCreate,
  };
}

async function readOrganization(publicId: string): Promise<Omit<ConsoleOrganization, "name">> {
  const actor = await pageActor(publicId, "app.read");
  const reader = await pageActor(publicId, "directory.read");
  const t = await getTranslations("state.app");
  const [held, listed] = await Promise.all([listHeldRuns(reader), listApps(actor)]);
  const apps = listed.map(({ id, name, appKey, state }) => ({
    id,
    name,
    appKey,
    state,
    stateLabel: t(state),
    isHeld: held.has(id),
  }));
  return {
    publicId,
    apps,
    mayConnect: may(actor, "app.connect"),
    mayChange: may(actor, "app.change"),
    maySync: may(actor, "directory.sync"),
    mayManageKeys: may(actor, "key.manage"),
  };
}

/**
 * Reads what the console's frame shows.
 *
 * @param publicId of the organization in the navigation; `undefined` for a user without an organization
 */
export async function readFrame(publicId: string | undefined): Promise<Frame> {
  const [user, organization] = await Promise.all([
    readUser(),
    publicId === undefined ? undefined : readOrganization(publicId),
  ]);
  const listed = user.organizations.find((one) => one.publicId === publicId);
  return { user, organization: organization && listed && { ...organization, name: listed.name } };
}

const APPLE = /Mac|iPhone|iPad/;

export async function ConsoleShell({ frame: { user, organization }, bell, banner, children }: Props) {
  const isApple = APPLE.test((await headers()).get("user-agent") ?? "");
  return (
    <ClientMessages namespaces={["nav", "notices", "palette", "auth"]}>
      <ConsoleFrame organization={organization} user={user} isApple={isApple} bell={bell} banner={banner}>
        {children}
      </ConsoleFrame>
    </ClientMessages>
  );
}

/** The frame around pages of the user's own account, with the navigation of the organization visited last. */
export async function AccountShell({ children }: { readonly children: ReactNode }) {
  const last = await lastVisitedOrganization(await pageSignedIn());
  return (
    <ConsoleShell frame={await readFrame(last?.publicId)}>
      <ClientMessages namespaces={["account", "auth"]}>{children}</ClientMessages>
    </ConsoleShell>
  );
}
