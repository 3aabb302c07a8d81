import { redirect } from "next/navigation";
import { lastVisitedOrganization } from "@/app/_components/shell/last-visited-organization";

export default async function StartPage() {
  const last = await lastVisitedOrganization();
  redirect(last ? `/o/${last.publicId}` : "/account");
}
