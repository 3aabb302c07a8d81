import type { ReactNode } from "react";
import { LeaveGuard } from "../_components/leave-guard";
import { Notification } from "../_components/notification";

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
