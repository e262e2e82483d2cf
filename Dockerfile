# The gateway and its shipped gateways on Debian 12. ./dev image builds it; run it with
#   podman run --rm -p 8080:8080 tidegate
# and with gateways of your own by -v "$PWD/gateways:/gateways:ro". Docker takes the same options.
# --target test runs the tests.

FROM debian:bookworm-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /tidegate
COPY cmake/packages.txt cmake/
RUN apt-get update \
    && apt-get install -y --no-install-recommends $(sed -n 's/^run //p' cmake/packages.txt) \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset run \
    && cmake --build --preset run \
    && DESTDIR=/installed cmake --install build/release --prefix /usr --strip

FROM build AS test
RUN ./dev test

FROM debian:bookworm-slim
# libwebsockets opens its libuv plugin by name at run time: nothing links to it, so it is listed.
# ca-certificates vouch for the server of a JWK Set.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libwebsockets17 libwebsockets-evlib-uv libluajit-5.1-2 libjwt0 libjansson4 libuv1 libssl3 \
        ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --shell /usr/sbin/nologin --uid 10001 tidegate
COPY --from=build /installed/ /
COPY gateways /gateways
USER 10001
# The container's own network; what of it can be reached from outside, -p says. Health and metrics
# are at 9090.
ENV TIDEGATE_LISTEN=0.0.0.0:8080 TIDEGATE_ADMIN=0.0.0.0:9090 TIDEGATE_GATEWAYS=/gateways
EXPOSE 8080 9090
VOLUME /gateways
# The base image has no HTTP client, but its bash can speak to a port.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${TIDEGATE_ADMIN##*:} \
    && printf 'GET /livez HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 \
    && read -r _ status _ <&3 && [[ $status == 200 ]]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tidegate"]
CMD ["serve"]
