import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { getLocale } from "next-intl/server";
import { lastOrganization, ORGANIZATION_COOKIE } from "@/app/_components/shell/last-organization";
import { pageSignedIn } from "@/lib/http/authorize-page";
import { listOrganizations } from "@/lib/organizations/queries";

/** Redirects to the organization visited last. */
export default async function StartPage() {
  const organizations = await listOrganizations(await pageSignedIn(), await getLocale());
  const last = lastOrganization(organizations, (await cookies()).get(ORGANIZATION_COOKIE)?.value);
  redirect(last ? `/o/${last.publicId}` : "/account");
}
