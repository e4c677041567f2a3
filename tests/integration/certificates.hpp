#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/world.hpp"

namespace signalbox::test {

/// The openssl program, at its place on Debian; a test must not depend on the PATH.
inline const std::string kOpenssl = "/usr/bin/openssl";

/// Authorities, certificates and keys, made by the openssl program and valid for a day.
class Certificates {
  public:
    explicit Certificates(const Folder& folder) : folder_(folder) {
        authority("ca");
        authority("clients");
        issue("server", "ca", "subjectAltName=DNS:localhost,IP:127.0.0.1");
        issue("client", "clients", "subjectAltName=DNS:client");
        issue("stranger", "ca", "subjectAltName=DNS:client");
    }
    std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
    void issue(const std::string& name, const std::string& by, const std::string& extension) const {
        openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                 file(name + ".key"), "-subj", "/CN=" + name, "-addext", extension, "-out",
                 file(name + ".csr")});
        openssl({"x509", "-req", "-in", file(name + ".csr"), "-CA", file(by + ".pem"), "-CAkey",
                 file(by + ".key"), "-CAcreateserial", "-days", "1", "-copy_extensions", "copy",
                 "-out", file(name + ".pem")});
    }

  private:
    void authority(const std::string& name) const {
        openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", file(name + ".key"), "-subj", "/CN=authority " + name, "-days", "1",
                 "-out", file(name + ".pem")});
    }
    static void openssl(const std::vector<std::string>& arguments) {
        std::string line = kOpenssl;
        for (const std::string& argument : arguments)
            line += " '" + argument + "'";
        const Ran ran = run({"/bin/sh", "-c", line + " 2>&1"});
        CAPTURE(line, ran.output);
        REQUIRE(ran.code == 0);
    }
    const Folder& folder_;
};

}  // namespace signalbox::test
