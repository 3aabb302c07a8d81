import type { ReactNode } from "react";
import { Toast } from "@/app/_components/feedback/toast";
import { LeaveGuard } from "@/app/_components/forms/leave-guard";

/** Shared by all pages of the console. */
export default function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  return (
    <>
      {children}
      <LeaveGuard />
      <Toast />
    </>
  );
}
