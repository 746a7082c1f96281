//! Macros that declare callsites as statics, for the expansions of attributes.

/// Declares a callsite, which the linker collects.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($agent:expr, $operation:expr, $labels:expr) => {{
        static SITE: $crate::__private::Callsite = $crate::__private::Callsite::new(
            $agent,
            $operation,
            $labels,
            (::core::module_path!(), ::core::file!(), ::core::line!()),
        );
        $crate::__private::inventory::submit!($crate::__private::CallsiteEntry(&SITE));
        &SITE
    }};
}

/// Declares a counter's callsite, which the linker collects.
#[doc(hidden)]
#[macro_export]
macro_rules! __counter {
    ($family:ident $(, $value:expr)*) => {{
        static COUNTER: $crate::__private::CounterCallsite =
            $crate::__private::CounterCallsite::new($crate::__private::$family, &[$($value),*]);
        $crate::__private::inventory::submit!($crate::__private::CounterEntry(&COUNTER));
        &COUNTER
    }};
}

/// Declares a retry loop's service and attempts, which the linker collects.
#[doc(hidden)]
#[macro_export]
macro_rules! __retry_loop {
    ($service:expr, $attempts:expr) => {
        $crate::__private::inventory::submit!($crate::__private::RetryEntry {
            service: $service,
            attempts: $attempts,
        });
    };
}
