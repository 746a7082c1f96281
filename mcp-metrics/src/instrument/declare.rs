//! Macros that declare callsites as statics, for the expansions of attributes.

/// Declares a callsite, which is collected before `main`.
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
        $crate::__collect!($crate::__private::Callsite, SITE);
        &SITE
    }};
}

/// Declares a counter's callsite, which is collected before `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __counter {
    ($family:ident $(, $value:expr)*) => {{
        static COUNTER: $crate::__private::CounterCallsite =
            $crate::__private::CounterCallsite::new($crate::__private::$family, &[$($value),*]);
        $crate::__collect!($crate::__private::CounterCallsite, COUNTER);
        &COUNTER
    }};
}

/// Declares the callsite of LLM calls, whose counter is collected before `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __llm_call {
    ($operation:expr, $provider:expr, $model:expr) => {{
        static CALL: $crate::__private::LlmCallsite = $crate::__private::LlmCallsite::new(
            $crate::__counter!(LLM_CALLS, $provider, $model),
            $operation,
            $provider,
            $model,
        );
        &CALL
    }};
}

/// Declares a retry loop's service and attempts, which are collected before `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __retry_loop {
    ($service:expr, $attempts:expr) => {
        const _: () = {
            static LOOP: $crate::__private::RetryLoop = $crate::__private::RetryLoop {
                service: $service,
                attempts: $attempts,
            };
            $crate::__collect!($crate::__private::RetryLoop, LOOP);
        };
    };
}

/// Collects a static before `main`: the operating system's loader calls the functions whose
/// addresses are in the section.
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($type:ty, $value:ident) => {
        const _: () = {
            static ENTRY: $crate::__private::Entry<$type> = $crate::__private::Entry::new(&$value);

            extern "C" fn collect() {
                $crate::__private::Entry::collect(&ENTRY);
            }

            // ELF: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html#init_fini
            // Mach-O: https://github.com/apple-oss-distributions/dyld, `S_MOD_INIT_FUNC_POINTERS`
            // Windows: https://learn.microsoft.com/cpp/c-runtime-library/crt-initialization
            #[used]
            #[cfg_attr(
                not(any(windows, target_vendor = "apple")),
                unsafe(link_section = ".init_array")
            )]
            #[cfg_attr(
                target_vendor = "apple",
                unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs")
            )]
            #[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
            static COLLECT: extern "C" fn() = collect;
        };
    };
}
