/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/intake.h"
#include "runtime/service.h"

int main (int argc, char **argv)
{
    return service_main (&intake_service, argc, argv);
}
