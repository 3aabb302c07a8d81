import { cookies } from "next/headers";
import { getLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { pageSignedIn } from "@/lib/http/page-actor";
import { listOrganizations, type OrganizationEntry } from "@/lib/organizations/queries";
import { ClientMessages } from "../page/client-messages";
import { ConsoleShell, readFrame } from "./console-shell";
import { lastOrganization, ORGANIZATION_COOKIE } from "./last-organization";

/** Where a person was last: their own pages keep its navigation, so that there is a way back. */
export async function personOrganization(): Promise<OrganizationEntry | undefined> {
  const organizations = await listOrganizations(await pageSignedIn(), await getLocale());
  return lastOrganization(organizations, (await cookies()).get(ORGANIZATION_COOKIE)?.value);
}

/** The frame around the pages that belong to a person and to no organization. */
export async function PersonShell({ children }: { readonly children: ReactNode }) {
  const last = await personOrganization();
  return (
    <ConsoleShell frame={await readFrame(last?.publicId)}>
      <ClientMessages namespaces={["account", "auth"]}>{children}</ClientMessages>
    </ConsoleShell>
  );
}
