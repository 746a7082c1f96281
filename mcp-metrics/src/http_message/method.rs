//! The methods of requests, as a bounded set.

use http::Method;

/// Clients can send any method. Others than these have the name `_OTHER`, as in OpenTelemetry.
const NAMES: [&str; HttpMethod::COUNT] = [
    "GET", "POST", "DELETE", "HEAD", "PUT", "CONNECT", "OPTIONS", "TRACE", "PATCH", "_OTHER",
];

/// A method of RFC 9110 or RFC 5789, or any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HttpMethod(usize);

impl HttpMethod {
    /// The number of distinct methods.
    pub(crate) const COUNT: usize = 10;
    pub(super) const HEAD: Self = Self(3);
    pub(super) const CONNECT: Self = Self(5);
    const OTHER: Self = Self(Self::COUNT - 1);

    /// Returns the method of a request.
    pub(crate) fn of(method: &Method) -> Self {
        let mut known = NAMES[..Self::OTHER.0].iter();
        let known = known.position(|known| *known == method.as_str());
        known.map_or(Self::OTHER, Self)
    }

    /// Returns the name, for labels.
    pub(crate) const fn name(self) -> &'static str {
        NAMES[self.0]
    }

    /// Returns the position in arrays of [`COUNT`](Self::COUNT) elements.
    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::HttpMethod;

    #[test]
    fn method_has_the_name_of_the_request_or_other() {
        for name in ["GET", "HEAD", "CONNECT", "PATCH"] {
            let method = Method::from_bytes(name.as_bytes()).expect("a method");
            assert_eq!(HttpMethod::of(&method).name(), name);
        }
        for name in ["BREW", "get", "_OTHER"] {
            let method = Method::from_bytes(name.as_bytes()).expect("a method");
            assert_eq!(HttpMethod::of(&method).name(), "_OTHER");
        }
        assert_eq!(HttpMethod::of(&Method::HEAD), HttpMethod::HEAD);
        assert_eq!(HttpMethod::of(&Method::CONNECT), HttpMethod::CONNECT);
    }
}
