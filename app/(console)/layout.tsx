import type { ReactNode } from "react";
import { Toast } from "@/app/_components/feedback/toast";
import { LeaveGuard } from "@/app/_components/forms/leave-guard";

/** What every page of the console has, whichever frame it stands in. */
export default function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  return (
    <>
      {children}
      <LeaveGuard />
      <Toast />
    </>
  );
}
