# The gateway and its shipped gateways on Debian 12. ./dev image builds it; run it with
#   docker run --rm -p 8080:8080 tidegate
# and with gateways of your own by -v "$PWD/gateways:/gateways:ro". --target test runs the tests.

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
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libwebsockets17 libwebsockets-evlib-uv libluajit-5.1-2 libjwt0 libjansson4 libuv1 libssl3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --shell /usr/sbin/nologin --uid 10001 tidegate
COPY --from=build /installed/ /
COPY gateways /gateways
USER 10001
# Health and metrics stay on the container's loopback address; TIDEGATE_ADMIN=0.0.0.0:9090 shows them
# to a network that may see them.
ENV TIDEGATE_LISTEN=0.0.0.0:8080 TIDEGATE_GATEWAYS=/gateways
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["tidegate"]
CMD ["serve"]
