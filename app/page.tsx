import { redirect } from "next/navigation";
import { lastVisitedOrganization } from "@/app/_components/shell/last-visited-organization";
import { pageSignedIn } from "@/lib/http/authorize-page";

export default async function StartPage() {
  const last = await lastVisitedOrganization(await pageSignedIn());
  redirect(last ? `/o/${last.publicId}` : "/account");
}
