// `/login`: asks the server whether to set up, to sign in, or to go on.
import { useQuery } from "@tanstack/react-query";
import { Navigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { resolveEntry } from "~/api/auth";
import { useSession } from "~/api/session";
import { LoadingPage } from "~/app/layouts/root";
import { useTitle } from "~/lib/use-title";
import { ErrorState } from "~/ui/states";

export function LoginPage() {
  const { t } = useTranslation("auth");
  const search = useSearch({ from: "/login" });
  const user = useSession((state) => state.user);
  const entry = useQuery({ queryKey: ["entry"], queryFn: resolveEntry, enabled: !user, staleTime: 0, gcTime: 0 });
  useTitle(t("signIn.title"));
  if (user) return <Navigate to={search.redirect ?? "/chatflows"} replace />;
  if (entry.data === "/organization-setup") return <Navigate to="/organization-setup" replace />;
  if (entry.data) return <Navigate to="/signin" search={search} replace />;
  return (
    <main id="main" tabIndex={-1} className="flex min-h-dvh items-center justify-center outline-none">
      {entry.isError ? <ErrorState heading="h1" error={entry.error} onRetry={() => void entry.refetch()} /> : <LoadingPage />}
    </main>
  );
}
