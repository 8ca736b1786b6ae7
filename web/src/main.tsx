import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { ErrorBoundary } from "./app/ErrorBoundary";
import { Waiting } from "./app/Waiting";
import "./i18n";
import "./ui/base.css";

// A caller's phone loads the first of these only: no part of the back office comes with it.
const CallPage = lazy(() => import("./caller/CallPage"));
const ProgressPage = lazy(() => import("./portal/ProgressPage"));
const Office = lazy(() => import("./app/Office"));

const root = document.getElementById("root");
if (root === null) throw new Error("index.html lacks #root");

// A data router, because only such a one lets a form ask before it is left.
const router = createBrowserRouter([
  { path: "/call", element: <CallPage /> },
  { path: "/portal/progress", element: <ProgressPage /> },
  { path: "*", element: <Office /> },
]);

createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <Suspense fallback={<Waiting />}>
        <RouterProvider router={router} />
      </Suspense>
    </ErrorBoundary>
  </StrictMode>,
);
