import { redirect } from "next/navigation";
import { getLocale } from "next-intl/server";
import { pageSignedIn } from "@/lib/http/page-actor";
import { listOrganizations } from "@/lib/organizations/queries";

/** The start page leads to where one's work is. */
export default async function StartPage() {
  const organizations = await listOrganizations(await pageSignedIn(), await getLocale());
  redirect(organizations[0] ? `/o/${organizations[0].publicId}` : "/account");
}
