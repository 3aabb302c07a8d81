import type { ReactNode } from "react";
import { Notification } from "@/app/_components/feedback/notification";
import { LeaveGuard } from "@/app/_components/forms/leave-guard";

/** What every page of the console has, whichever frame it stands in. */
export default function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  return (
    <>
      {children}
      <LeaveGuard />
      <Notification />
    </>
  );
}
